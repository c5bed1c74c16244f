"""The one error of this package; in a module of its own, so that whoever handles it loads nothing else."""


class GeodataError(Exception):
    """A place, district or file that geodata cannot answer for: what is wrong; then what to do."""
