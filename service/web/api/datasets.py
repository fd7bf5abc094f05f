"""The datasets, one of them, and what it says of itself at a revision."""

import orjson

from schemas import DATASET
from service.errors import OutOfTime, Unavailable
from service.model import KINDS, Dataset, Reading
from service.reading import datasets, records
from service.web import address, answers, memento
from service.web.api.revisions import described, read_from
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, bare, enveloped

TAG = "Datasets"


@operation(
    address.DATASETS,
    name="listDatasets",
    tag=TAG,
    answers={JSON: answers.many(answers.ListedDatasetSchema, None)},
    caching="body",
    errors=(Unavailable, OutOfTime),
    headers=("Link",),
)
def every(question: Question) -> Answer:
    """The datasets, by name, each with its newest revision."""
    data = [_listed(question, dataset) for dataset in datasets.every(question.db)]
    return enveloped(data, question.links())


@operation(
    address.DATASETS + "/{dataset}",
    name="getDataset",
    tag=TAG,
    answers={JSON: answers.one(answers.DescribedDatasetSchema, answers.ReadingSchema)},
    dated=True,
)
def one(question: Question, reading: Reading) -> Answer:
    """A dataset: what it says of itself, its newest revision, and links to what it holds."""
    document = records.document(question.db, reading).body
    name = reading.dataset.name
    data = {
        "name": name,
        "head": described(reading.revision),
        "document": orjson.Fragment(document),
    }
    return enveloped(data, _links(question, reading), read_from(reading))


@operation(
    address.DATASETS + "/{dataset}/dataset.json",
    name="getDatasetDocument",
    tag=TAG,
    answers={JSON: DATASET.schema},
    pinnable=True,
    headers=("Repr-Digest",),
)
def document(question: Question, reading: Reading) -> Answer:
    """What a dataset says of itself: title, licence, extent, places, groups.

    The canonical bytes and nothing else: their sha256 stands in the manifest of the revision.
    """
    found = records.document(question.db, reading)
    links = question.links(**memento.versions(question.address, reading))
    return bare(found.body, found.digest, links)


def _listed(question: Question, dataset: Dataset) -> dict[str, object]:
    links = {"self": question.url(address.dataset(dataset.name))}
    return {"name": dataset.name, "head": described(dataset.head), "links": links}


def _links(question: Question, reading: Reading) -> dict[str, str]:
    """Return links to what a dataset holds: as of an instant, to what it held."""
    here = address.dataset(reading.dataset.name)
    revision = address.revision(reading.dataset.name, reading.revision.number)
    held = revision if "as_of" in question.query else here
    return question.links(
        version_history=f"{here}/revisions",
        revisions=f"{here}/revisions",
        changes=f"{here}/changes",
        feed=f"{here}/revisions.atom",
        export=f"{held}/export",
        series=f"{held}/series",
        disagreements=f"{held}/disagreements",
        **{kind: f"{held}/{kind}" for kind in KINDS},
    )
