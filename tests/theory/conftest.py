"""What several tests of this room share."""

import gymnasium
import numpy as np
import pytest


class TableEnvironment(gymnasium.Env):
    """An environment that is nothing but its table ``P``."""

    def __init__(self, table, starts=None):
        self.P = table
        self.action_space = gymnasium.spaces.Discrete(1)
        if starts is not None:
            self.initial_state_distrib = np.array([float(s in starts) for s in range(len(table))])


@pytest.fixture(scope="session")
def table_environment():
    """The class of environments made of a table."""
    return TableEnvironment
