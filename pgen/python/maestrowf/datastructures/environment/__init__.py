"""The entries of a StudyEnvironment."""


class Variable:
    """A variable or a label; `value` is a number where the specification has one, else text."""

    def __init__(self, name, value, token="$"):
        self.name = name
        self.value = value
        self.token = token

    def get_var(self):
        """The token that stands for it, such as `$(NAME)`."""
        return "%s(%s)" % (self.token, self.name)


class PathDependency(Variable):
    """A directory or file that the study needs; `path` and `value` are the same."""

    def __init__(self, name, value, token="$"):
        super().__init__(name, value, token)
        self.path = value


class GitDependency(Variable):
    """A repository that the study needs: `url`, cloned into `path`; one of tag, branch and hash or none."""

    def __init__(self, name, value, path, token="$", **selector):
        super().__init__(name, value, token)
        self.url = value
        self.path = path
        self.tag = selector.get("tag", "")
        self.branch = selector.get("branch", "")
        self.hash = selector.get("hash", "")
