"""What a generator is given."""


class StudyEnvironment:
    """The `env` block of the specification, by name."""

    def __init__(self):
        self.substitutions = {}
        self.labels = {}
        self.dependencies = {}

    def find(self, key):
        """The variable, label or dependency of that name, or None."""
        for entries in (self.dependencies, self.substitutions, self.labels):
            if key in entries:
                return entries[key]
        return None
