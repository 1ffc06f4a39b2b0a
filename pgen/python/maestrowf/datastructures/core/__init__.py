"""The two classes that a generator meets: the one it returns, and the one it is given."""

from maestrowf.datastructures.core.parameters import ParameterGenerator
from maestrowf.datastructures.core.studyenvironment import StudyEnvironment

__all__ = ["ParameterGenerator", "StudyEnvironment"]
