"""MiniGrid as a deterministic MDP: whole states in place of partial views, reward 1 at the goal."""

from collections.abc import Hashable
from typing import Any

import gymnasium
import numpy as np

__all__ = ["MiniGridStates", "State"]

#: Position, direction, what is carried (type, colour, state; or nothing), and the grid: its shape
#: and its bytes in hexadecimal.
State = tuple[tuple[int, ...], int, tuple[int, ...], tuple[int, ...], str]


class MiniGridStates(gymnasium.Env[Hashable, int]):
    """An environment of MiniGrid whose observations are its states.

    Parameters
    ----------
    id
        Such as ``"MiniGrid-Empty-5x5-v0"``.

    Notes
    -----
    MiniGrid shows a partial view, and its reward falls with the number of steps, so that it is no
    MDP of what it shows. Here the observation is the position, the direction, what is carried and
    the grid; the reward is 1 for reaching the goal; there is no limit of steps.
    """

    def __init__(self, id: str) -> None:
        import minigrid  # registers the ids  # noqa: F401

        self._env: Any = gymnasium.make(id).unwrapped
        self.action_space = self._env.action_space
        self.observation_space = self._env.observation_space

    def reset(
        self, *, seed: int | None = None, options: Any = None
    ) -> tuple[State, dict[str, Any]]:
        """Begin an episode; the seed decides the grid."""
        self._env.reset(seed=seed, options=options)
        return self.get_state(), {}

    def step(self, action: int) -> tuple[State, float, bool, bool, dict[str, Any]]:
        """Act; the reward is 1 when the goal is reached."""
        self._env.step_count = 0
        _, reward, terminated, _, _ = self._env.step(action)
        return self.get_state(), float(reward > 0), bool(terminated), False, {}

    def get_state(self) -> State:
        """Return everything that decides what comes next."""
        env, held = self._env, self._env.carrying
        carried = () if held is None else tuple(int(value) for value in held.encode())
        cells = np.ascontiguousarray(env.grid.encode(), dtype=np.uint8)
        position = (int(env.agent_pos[0]), int(env.agent_pos[1]))
        return position, int(env.agent_dir), carried, cells.shape, cells.tobytes().hex()

    def set_state(self, state: State) -> None:
        """Put a state back."""
        from minigrid.core.grid import Grid
        from minigrid.core.world_object import WorldObj

        position, direction, carried, shape, text = state
        cells = np.frombuffer(bytes.fromhex(text), dtype=np.uint8).reshape(shape)
        self._env.grid = Grid.decode(cells)[0]
        self._env.agent_pos, self._env.agent_dir = position, direction
        self._env.carrying = WorldObj.decode(*carried) if carried else None
