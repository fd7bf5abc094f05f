"""What a line of a release comes to, as far as it can be told without a store.

Pure, and a leaf but for the schemas: a large release has its lines read by other processes, and
these start sooner, and take less room, for what they need not know.
"""
