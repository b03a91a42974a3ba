"""The promised rate is served, and watching it stays light. For runs that ask for a rate: `--facemon-rate`."""


def check_the_rate_is_served(facemon_load):
    """100 pictures a minute, or as many as are asked for where that is less, whatever became of those before.

    Pictures count that are there within the response-time limit after the last request was due. What the sender
    itself could not keep up with is no finding about the service: the check is unknown then.
    """
    fault = facemon_load.fault("throughput")
    assert not fault, fault


def check_memory_stays_small(facemon_load):
    """No process of the run holds more than 256 MB while it sends and judges."""
    fault = facemon_load.fault("memory")
    assert not fault, fault


def check_the_processor_stays_free(facemon_load):
    """All processes of the run together use at most 30 % of one core, judging the pictures included."""
    fault = facemon_load.fault("cpu")
    assert not fault, fault
