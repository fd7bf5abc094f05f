"""From a release to a revision: read, judge, compare, publish, report."""

from service.loader.loading import Request, load
from service.loader.release import open_release, open_stream, releases_in
from service.loader.report import Report

__all__ = ["Report", "Request", "load", "open_release", "open_stream", "releases_in"]
