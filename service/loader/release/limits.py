"""How large and how deep a release may be; each limit is named where it refuses something."""

MIB = 1 << 20

LINE = 16 * MIB
"""Bytes of one line of an NDJSON file."""

YAML_FILE = 16 * MIB
"""Bytes of one YAML file."""

JSON_FILE = 64 * MIB
"""Bytes of one JSON document."""

DEPTH = 64
"""Objects and lists within each other."""

FAULTS = 1000
"""Faults of one file: what follows is not read."""
