//! What the log of the whole test run may not say.

use crate::world::seoul;
use std::io::Write;
use std::sync::{Arc, Mutex, Once};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_answers_and_never_tokens_titles_or_content() {
    static ONCE: Once = Once::new();
    let kept = Kept::default();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        lines.with_writer(kept.clone()).init();
    });
    let world = seoul().await;
    let analyst = world.sign_in("analyst-1").await;
    let item = analyst.marked("TITLE-OF-MAGPIE", b"CONTENT-OF-MAGPIE", "KOR:II", &[]).await;
    let opened = analyst.call("POST", &format!("/v1/items/{item}/opening"), None).await;
    assert_eq!(opened.body, b"CONTENT-OF-MAGPIE");
    let wrong = analyst.call("GET", "/v1/items/TITLE-OF-MAGPIE?after=TITLE-OF-MAGPIE", None).await;
    let sought = analyst.post("/v1/searches", serde_json::json!({ "words": "title-of-magpie" })).await.good();
    assert_eq!(sought["items"][0]["title"], "TITLE-OF-MAGPIE");
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/v1/items/{item}/opening") && text.contains("analyst-1"), "{text}");
    assert!(text.contains(wrong.header("attache-correlation").unwrap()), "the answer is found in the log");
    for secret in [analyst.token.as_str(), "MAGPIE"] {
        assert!(!text.contains(secret), "{}", text.lines().find(|line| line.contains(secret)).unwrap());
    }
}
