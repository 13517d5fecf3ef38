"""The three ways a command ends badly, each with its exit code and a sentence that says what, where and how to mend it."""


class AuditError(Exception):
    """Something a user can act on: shown as one sentence, without a traceback."""

    exit_code = 5


class RuleError(AuditError):
    """A rule, a knowledge table or the policy is wrong; `faults` holds every fault found in one pass."""

    exit_code = 3

    def __init__(self, *faults: str):
        super().__init__("\n".join(faults))
        self.faults = faults


class DataError(AuditError):
    """The batch cannot be audited; nothing was written."""

    exit_code = 4


class EngineError(AuditError):
    """The asked-for engine is not there (for example no GPU); the machine is at fault, not the data."""

    exit_code = 5
