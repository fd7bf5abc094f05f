"""The tree of sums of a revision, to be checked with `sha256sum`."""

from service.canonical import digest
from service.model import Reading
from service.reading import manifests
from service.sums import ROOT
from service.web import address
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import TEXT, Answer, bare

TAG = "Revisions"
SUMS = {
    TEXT: {
        "type": "string",
        "pattern": r"^([0-9a-f]{64}  [a-z0-9/.-]+\n)+$",
        "examples": [f"{64 * '0'}  dataset.json\n"],
    }
}


@operation(
    address.DATASETS + "/{dataset}/revisions/{revision}/manifest",
    name="getManifest",
    tag=TAG,
    answers=SUMS,
    headers=("Repr-Digest",),
)
def root(question: Question, reading: Reading) -> Answer:
    """The root of the tree of sums: its sha256 is the digest of the revision.

    Each line is a sha256 and a path relative to the revision, as `sha256sum` writes it.
    """
    return _node(question, reading, ROOT)


@operation(
    address.DATASETS + "/{dataset}/revisions/{revision}/manifest/{node}",
    name="getManifestNode",
    tag=TAG,
    answers=SUMS,
    headers=("Repr-Digest",),
)
def node(question: Question, reading: Reading, node: str) -> Answer:
    """A node of the tree of sums: it lists records or, where they are many, further nodes."""
    return _node(question, reading, f"manifest/{node}")


def _node(question: Question, reading: Reading, path: str) -> Answer:
    text = manifests.node(question.db, reading, path)
    return bare(text, digest(text.encode()), question.links(), TEXT)
