"""What series and events come to, kept: a row for each span of revisions in which it is the same.

Every row is derived from the records of its revisions by one named rule, and can be made again.
`judging` makes what is missing, for what a revision touched; `listing` reads it.
"""
