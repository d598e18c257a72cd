//! Plays one seed and prints its trace: `cargo run -p attache-exercise --example play -- SEED [STEPS]`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().ok_or("which seed?")?.parse()?;
    let steps = arguments.next().map_or(Ok(600), |text| text.parse())?;
    let run = attache_exercise::run(seed, steps)?;
    println!("{}\n{} dispatches crossed and were receipted", run.trace.join("\n"), run.closed);
    Ok(())
}
