"""Where to begin: links to everything."""

from service import __version__
from service.web import answers, discovery
from service.web.formats import LINKSET
from service.web.operation import operation
from service.web.question import Question
from service.web.representation import JSON, Answer, enveloped

TAG = "Service"
INDEX = {JSON: answers.one(answers.ServiceSchema)}


@operation("/", name="getStart", tag=TAG, answers=INDEX, caching="body", headers=("Link",))
def start(question: Question) -> Answer:
    """Links to everything."""
    return _index(question)


@operation("/v1", name="getIndex", tag=TAG, answers=INDEX, caching="body", headers=("Link",))
def index(question: Question) -> Answer:
    """Links to everything in version 1."""
    return _index(question)


def _index(question: Question) -> Answer:
    data = {
        "name": "Recension",
        "version": __version__,
        "description": "A dataset service with versioning for contested facts.",
    }
    links = question.links(
        datasets="/v1/datasets",
        service_desc="/openapi.json",
        service_doc="/docs",
        status="/readyz",
        api_catalog=discovery.CATALOGUE,
    )
    return enveloped(data, links)


@operation(
    discovery.CATALOGUE,
    name="getApiCatalog",
    tag=TAG,
    answers={LINKSET.media_type: discovery.SCHEMA},
    caching="body",
    headers=("Link",),
)
def catalogue(question: Question) -> Answer:
    """The catalogue of what is served here (RFC 9727): the API, and where it is described."""
    links = {"api-catalog": question.url(discovery.CATALOGUE)}
    return Answer(discovery.linkset(question.service.base), LINKSET.content_type, links)
