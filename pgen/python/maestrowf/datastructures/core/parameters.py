"""What a generator returns."""

import sys
import warnings
from collections import OrderedDict


class ParameterGenerator:
    """Parameters, each a list of values; combination i takes the i-th value of every parameter."""

    def __init__(self, token="$", ltoken="%%"):
        """`ltoken` is what a label has in the place of the value; `token` is kept for older generators."""
        self.parameters = OrderedDict()
        self.labels = {}
        self.names = {}
        self.token = token
        self.label_token = ltoken
        self.length = 0
        # Where each parameter was added, so that a complaint can point at the generator's own line.
        self._added_at = {}

    def add_parameter(self, key, values, label=None, name=None):
        """Add the parameter `$(key)`.

        `label` is one text with `%%` in the place of the value, or a list with a label for each value; without it,
        `<key>.%%`. `name` is what `$(key.name)` becomes; without it, the key.
        """
        if not hasattr(values, "__len__"):
            values = list(values)
        if key in self.parameters:
            warnings.warn("parameter %s is added twice; the later values count" % key, stacklevel=2)
        caller = sys._getframe(1)
        self._added_at[key] = (caller.f_code.co_filename, caller.f_lineno)
        self.parameters[key] = values
        self.labels[key] = label if _given(label) else "%s.%s" % (key, self.label_token)
        self.names[key] = name or key
        # Lists of different lengths are complained about by whoever takes the parameters.
        self.length = self.length or len(values)

    def __bool__(self):
        return bool(self.parameters)


def _given(label):
    """Whether a label was given. An array of labels has no truth value, so None and '' are asked for by name."""
    return label is not None and not (isinstance(label, str) and label == "")
