"""How large and how deep a release may be; each limit is named where it refuses something."""

MIB = 1 << 20

LINE = 16 * MIB
"""Bytes of one line of an NDJSON file."""

YAML_FILE = 16 * MIB
"""Bytes of one YAML file."""

JSON_FILE = 64 * MIB
"""Bytes of one JSON document."""

YAML_VALUES = 1_000_000
"""Values of one YAML file, each of which keeps its line."""

JSON_BRACKETS = 4_000_000
"""Opening brackets of one JSON text: each may cost twenty times its size in memory."""

DEPTH = 64
"""Objects and lists within each other."""

FAULTS = 1000
"""Faults of one file: what follows is not read."""
