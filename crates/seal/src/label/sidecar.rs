//! A sidecar of STANAG 4778: a file (`.bdo`) beside a document that binds labels to it, one label in each `Metadata`, with
//! a reference and the document's SHA-384 digest.
//!
//! The standard has a place for a digest only inside a signature; ours stands in a `Manifest` of XML Signature behind the
//! binding, where the schema lets other elements stand. It tells a changed document from the one that was labelled; it
//! proves nothing about who labelled it, which the signed package does.
//!
//! *Absent:* signatures: one is remarked on, never verified. Following a reference.

use super::stanag::{
    self, ConfidentialityLabel, Fields, LabelRead, Role, StanagError, plain, read_element, write_into,
};
use crate::xml::{self, Element, Limits, Writer, cut};
use aws_lc_rs::digest::{Context, SHA384};
use data_encoding::BASE64;

/// The namespace of bindings.
pub const NAMESPACE: &str = "urn:nato:stanag:4778:bindinginformation:1:0";
/// The bounds of a sidecar.
pub const LIMITS: Limits = Limits {
    bytes: 256 * 1024,
    depth: 24,
    elements: 4_096,
    attributes: 16,
    name_bytes: 256,
    text_bytes: 16 * 1024,
};
/// Most labels in a sidecar.
pub const MAX_LABELS: usize = 16;
/// Longest reference, in bytes.
pub const MAX_URI_BYTES: usize = 1_024;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const XMIME: &str = "http://www.w3.org/2005/05/xmlmime";
const SHA384_URI: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
const SHA384_BYTES: usize = 48;

/// A SHA-384 digest of a document, taken while it is read.
pub struct DocumentDigest(Context);

impl Default for DocumentDigest {
    fn default() -> Self {
        Self(Context::new(&SHA384))
    }
}

impl DocumentDigest {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes given.
    pub fn finish(self) -> [u8; SHA384_BYTES] {
        let mut out = [0; SHA384_BYTES];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

/// The document that labels are bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The reference, such as `./report.pdf`. Nothing follows it.
    pub uri: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its digest, where the sidecar has one.
    pub sha384: Option<[u8; SHA384_BYTES]>,
}

impl Document {
    /// A document of this file name in the sidecar's own folder.
    pub fn beside(file_name: &str, content_type: Option<String>, sha384: [u8; SHA384_BYTES]) -> Self {
        let mut uri = "./".to_owned();
        for byte in file_name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        Self { uri, content_type, sha384: Some(sha384) }
    }
}

/// Labels bound to a document. The originator's comes in once and nothing takes it out or changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sidecar {
    originator: ConfidentialityLabel,
    alternatives: Vec<ConfidentialityLabel>,
    document: Document,
}

/// A sidecar, and what in it was read leniently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidecarRead {
    /// The sidecar.
    pub sidecar: Sidecar,
    /// What another reader may take amiss, in words.
    pub remarks: Vec<String>,
}

impl Sidecar {
    /// Binds the originator's label to a document.
    ///
    /// # Errors
    /// [`StanagError::Apart`] for a label that is not the originator's.
    pub fn new(originator: ConfidentialityLabel, document: Document) -> Result<Self, StanagError> {
        if originator.role != Role::Originator {
            return Err(StanagError::Apart("the first label is the originator's"));
        }
        Ok(Self { originator, alternatives: Vec::new(), document })
    }

    /// The same with one more label beside the originator's.
    ///
    /// # Errors
    /// [`StanagError::Apart`] for a second originator's label, [`StanagError::Twice`] for a second one of a policy.
    pub fn with_alternative(mut self, alternative: ConfidentialityLabel) -> Result<Self, StanagError> {
        let policy = &alternative.body.information.policy;
        if alternative.role != Role::Alternative {
            return Err(StanagError::Apart(
                "an originator's label is never overwritten; others stand beside it",
            ));
        }
        let has_policy = |other: &ConfidentialityLabel| other.body.information.policy.name == policy.name;
        if has_policy(&self.originator) || self.alternatives.iter().any(has_policy) {
            return Err(StanagError::Twice(format!("a label of the policy {}", cut(&policy.name))));
        }
        if self.alternatives.len() + 1 >= MAX_LABELS {
            return Err(StanagError::value("sidecar", "at most 16 labels", "more"));
        }
        self.alternatives.push(alternative);
        Ok(self)
    }

    /// The originator's label.
    pub fn originator(&self) -> &ConfidentialityLabel {
        &self.originator
    }

    /// The labels beside it.
    pub fn alternatives(&self) -> &[ConfidentialityLabel] {
        &self.alternatives
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Reads a sidecar.
    ///
    /// # Errors
    /// [`StanagError`].
    pub fn read(bytes: &[u8]) -> Result<SidecarRead, StanagError> {
        let root = xml::read(bytes, &LIMITS)?;
        if !root.name.is(NAMESPACE, "BindingInformation") {
            return Err(StanagError::Root { wanted: "sidecar of STANAG 4778", found: cut(&root.name.local) });
        }
        let mut remarks = Vec::new();
        let (signed, rest): (Vec<_>, Vec<_>) =
            root.children.iter().partition(|child| child.name.is(DSIG, "Signature"));
        if !signed.is_empty() {
            remarks.push("the signature is not verified".to_owned());
        }
        let container = only(&rest, "MetadataBindingContainer")?;
        let (manifests, bindings): (Vec<_>, Vec<_>) =
            container.children.iter().partition(|child| child.name.is(DSIG, "Manifest"));
        let binding = only(&bindings, "MetadataBinding")?;
        let mut fields = Fields::of(binding, NAMESPACE);
        fields.attribute("Id");
        let labels = labels(fields.all("Metadata"), &mut remarks)?;
        let mut document = document(fields.one("DataReference")?, &mut remarks)?;
        fields.done(&mut remarks)?;
        document.sha384 = match manifests.as_slice() {
            [] => None,
            [manifest] => Some(digest(manifest, &document.uri)?),
            _ => return Err(StanagError::Twice("Manifest".to_owned())),
        };
        Ok(SidecarRead { sidecar: Self::put_together(labels, document)?, remarks })
    }

    fn put_together(labels: Vec<ConfidentialityLabel>, document: Document) -> Result<Self, StanagError> {
        let (originators, others): (Vec<_>, Vec<_>) =
            labels.into_iter().partition(|label| label.role == Role::Originator);
        let Ok([originator]) = <[ConfidentialityLabel; 1]>::try_from(originators) else {
            return Err(StanagError::Apart("a sidecar has one originator's label"));
        };
        let sidecar = Self::new(originator, document)?;
        // A label of the metadata says nothing about the document.
        others
            .into_iter()
            .filter(|label| label.role == Role::Alternative)
            .try_fold(sidecar, Self::with_alternative)
    }

    /// Writes the sidecar as the schema wants it.
    ///
    /// # Errors
    /// [`StanagError`] where a label cannot be written strictly.
    pub fn write(&self) -> Result<String, StanagError> {
        let mut writer = Writer::new();
        writer.open("mb:BindingInformation", &[("xmlns:mb", NAMESPACE), ("xmlns:xmime", XMIME)]);
        writer.open("mb:MetadataBindingContainer", &[]);
        writer.open("mb:MetadataBinding", &[]);
        for label in [&self.originator].into_iter().chain(&self.alternatives) {
            writer.open("mb:Metadata", &[]);
            write_into(label, &mut writer)?;
            writer.close();
        }
        let mut attributes = vec![("URI", self.document.uri.as_str())];
        attributes.extend(self.document.content_type.as_deref().map(|kind| ("xmime:contentType", kind)));
        writer.empty("mb:DataReference", &attributes);
        writer.close();
        if let Some(sha384) = &self.document.sha384 {
            writer.open("ds:Manifest", &[("xmlns:ds", DSIG)]);
            writer.open("ds:Reference", &[("URI", &self.document.uri)]);
            writer.empty("ds:DigestMethod", &[("Algorithm", SHA384_URI)]);
            writer.text("ds:DigestValue", &[], &BASE64.encode(sha384));
        }
        let text = writer.finish()?;
        let back = Self::read(text.as_bytes())?;
        if back.sidecar == *self && back.remarks.is_empty() {
            Ok(text)
        } else {
            Err(StanagError::value("sidecar", "writable in its one form", &self.document.uri))
        }
    }
}

/// The one element of `found`, which must have this name.
fn only<'a>(found: &[&'a Element], name: &'static str) -> Result<&'a Element, StanagError> {
    if let Some(other) = found.iter().find(|child| !child.name.is(NAMESPACE, name)) {
        return Err(StanagError::unknown("element", &other.name.local));
    }
    match found {
        [] => Err(StanagError::Missing(name)),
        [one] => Ok(one),
        _ => Err(StanagError::Twice(name.to_owned())),
    }
}

fn labels(found: Vec<&Element>, remarks: &mut Vec<String>) -> Result<Vec<ConfidentialityLabel>, StanagError> {
    let mut labels = Vec::new();
    for metadata in found {
        let [content] = metadata.children.as_slice() else {
            return Err(StanagError::value("Metadata", "one label", "another number of elements"));
        };
        if content.name.namespace.as_deref() != Some(stanag::NAMESPACE) {
            remarks.push(format!("{} is no label and is passed over", cut(&content.name.local)));
            continue;
        }
        let LabelRead { label, remarks: more } = read_element(content)?;
        remarks.extend(more);
        if label.role == Role::Metadata {
            remarks.push(
                "a label of the metadata says nothing about the document and is passed over".to_owned(),
            );
        } else {
            labels.push(label);
        }
    }
    if labels.len() > MAX_LABELS {
        return Err(StanagError::value("sidecar", "at most 16 labels", "more"));
    }
    Ok(labels)
}

fn document(element: &Element, remarks: &mut Vec<String>) -> Result<Document, StanagError> {
    let mut fields = Fields::of(element, NAMESPACE);
    let uri = fields.attribute("URI").ok_or(StanagError::Missing("DataReference URI"))?;
    if uri.len() > MAX_URI_BYTES {
        return Err(StanagError::value("DataReference URI", "at most 1024 bytes", uri));
    }
    // A transform would bind another text than the document's own.
    fields.done(remarks)?;
    let kind = element.attributes.iter().find(|(name, _)| name.is(XMIME, "contentType"));
    let content_type = kind.map(|(_, kind)| plain("contentType", kind.clone())).transpose()?;
    Ok(Document { uri: plain("DataReference URI", uri.to_owned())?, content_type, sha384: None })
}

fn digest(manifest: &Element, uri: &str) -> Result<[u8; SHA384_BYTES], StanagError> {
    let mut unheard = Vec::new();
    let mut fields = Fields::of(manifest, DSIG);
    let reference = fields.one("Reference")?;
    fields.done(&mut unheard)?;
    let mut fields = Fields::of(reference, DSIG);
    if fields.attribute("URI") != Some(uri) {
        return Err(StanagError::Apart("the digest is of another document than the reference"));
    }
    let method = fields.one("DigestMethod")?.attribute("Algorithm").unwrap_or_default();
    let value = fields.one("DigestValue")?;
    fields.done(&mut unheard)?;
    if method != SHA384_URI {
        return Err(StanagError::unknown("digest method", method));
    }
    let folded: String = value.text.split_ascii_whitespace().collect();
    let bytes = BASE64.decode(folded.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| StanagError::value("DigestValue", "48 bytes in base64", &value.text))
}
