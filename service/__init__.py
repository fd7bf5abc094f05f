"""Recension: a REST dataset service for contested facts.

The layers, from the top; imports point down only (a test checks it):

    cli                     one file per group of commands
    app                     the application factory: configuration, store, routes
    web                     HTTP: routes, errors, cursors, caching, the OpenAPI document
    loader | reading        what a release becomes | what a question costs and returns
    store                   SQLite and PostgreSQL behind one set of functions
    canonical, sums, diff   pure: bytes and digests, the tree of sums, net changes
    model, errors, config   values without behaviour

``schemas`` stands beside them: the only description of what a record can say.
"""

__version__ = "0.1.0"
