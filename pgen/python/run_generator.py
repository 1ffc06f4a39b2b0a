"""Runs one generator written in Python and answers with its parameters as texts.

Standard input: JSON {"file", "environment": [{"kind", "name", "value", "isText", ...}], "arguments": {name: text}}.
File descriptor 3: JSON, {"parameters": [...]} or {"failure": {...}}. Standard output and standard error belong to
the generator.
"""

import importlib.util
import json
import os
import sys
import traceback

from maestrowf.datastructures.core import ParameterGenerator, StudyEnvironment
from maestrowf.datastructures.environment import GitDependency, PathDependency, Variable

FUNCTION = "get_custom_generator"
OWN_DIRECTORY = os.path.dirname(os.path.abspath(__file__))
INTERRUPTED = 130


def main():
    # The processes that a generator starts must not hold the answer's pipe open.
    os.set_inheritable(3, False)
    with os.fdopen(3, "w", encoding="ascii") as answer:
        request = json.load(sys.stdin)
        try:
            reply = generate(request)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BaseException as error:  # sys.exit() in a generator is a failure of it, too
            reply = {"failure": describe(error)}
        json.dump(reply, answer)


def generate(request):
    """The reply to a request: the generator's parameters, or why there are none."""
    module = load(request["file"])
    function = getattr(module, FUNCTION, None)
    if not callable(function):
        names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        return {"failure": {"kind": "no function", "wanted": FUNCTION, "names": names}}
    result = function(environment(request["environment"]), **request["arguments"])
    if isinstance(result, dict):
        result = from_dict(result)
    if not isinstance(result, ParameterGenerator):
        line = getattr(getattr(function, "__code__", None), "co_firstlineno", 1)
        return {"failure": {"kind": "no parameters", "returned": type(result).__name__, "line": line}}
    return {"parameters": [describe_parameter(result, key) for key in result.parameters]}


def load(file):
    """The generator as a module. Its directory comes last on the module path, so that it hides nothing."""
    sys.path.append(os.path.dirname(file))
    spec = importlib.util.spec_from_file_location("custom_generator", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def environment(entries):
    """The specification's environment, with the classes that generators know."""
    env = StudyEnvironment()
    for entry in entries:
        kind, name, value = entry["kind"], entry["name"], entry["value"]
        if kind == "path":
            env.dependencies[name] = PathDependency(name, value)
        elif kind == "git":
            env.dependencies[name] = GitDependency(name, value, entry["path"], **entry["selector"])
        elif kind == "label":
            env.labels[name] = Variable(name, value if entry["isText"] else number(value))
        else:
            env.substitutions[name] = Variable(name, value if entry["isText"] else number(value))
    return env


def number(text):
    """A number of the specification, as Python reads it: 7 is whole, 0.5 and 1e-07 are not."""
    try:
        return int(text)
    except ValueError:
        return float(text)


def from_dict(result):
    """A generator that returns {KEY: {"values": [...], "label": ..., "name": ...}} is understood as well."""
    generator = ParameterGenerator()
    for key, parameter in result.items():
        generator.add_parameter(key, parameter["values"], parameter.get("label"), parameter.get("name"))
        del generator._added_at[key]
    return generator


def describe_parameter(generator, key):
    """One parameter with every value and label as the text that Python prints."""
    label = generator.labels[key]
    if isinstance(label, str):
        label = label.replace(generator.label_token, "%%")
    else:
        label = [str(text) for text in label]
    file, line = generator._added_at.get(key, (None, None))
    return {
        "key": str(key),
        "name": str(generator.names[key]),
        "values": [str(value) for value in generator.parameters[key]],
        "label": label,
        "at": None if file is None else {"file": os.path.abspath(file), "line": line},
    }


def describe(error):
    """An exception as data: what it says, and the frames of the generator (not those of this program)."""
    frames = [
        {"file": os.path.abspath(frame.filename), "line": frame.lineno, "text": frame.line or ""}
        for frame in traceback.extract_tb(error.__traceback__)
        if not os.path.abspath(frame.filename).startswith(OWN_DIRECTORY + os.sep)
        and not frame.filename.startswith("<frozen ")
    ]
    if isinstance(error, SyntaxError) and error.filename:
        place = {"file": os.path.abspath(error.filename), "line": error.lineno or 1, "text": (error.text or "").strip()}
        frames.append(place)
        said = "%s: %s" % (type(error).__name__, error.msg)
    else:
        said = "".join(traceback.format_exception_only(type(error), error)).strip()
    return {"kind": "raised", "said": said, "frames": frames}


if __name__ == "__main__":
    main()
