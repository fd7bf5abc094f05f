"""The resources: one file each, declarations above short bodies."""
