"""The counting environment for Gymnasium: ``gymnasium.make("tellapart/Counting-v0")``."""

from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_choice, as_integer, as_integers, as_size
from tellapart.models.counting.frames import render
from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.rules import CONTROLS, LABELINGS, CountingRules
from tellapart.models.counting.scenes import COLOURS, SHAPES, draw_scenes
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["ENVIRONMENT_ID", "CountingEnv"]

#: The name under which Gymnasium knows the environment, once this module is imported.
ENVIRONMENT_ID = "tellapart/Counting-v0"

Frame = npt.NDArray[np.uint8]


class CountingEnv(gymnasium.Env[Frame, np.int64]):
    """Count objects: each frame shows as many as the count, actions take or add one.

    Shape and colour are drawn for each episode, all places anew for each frame (also where the
    count is clipped). The reward is the label of the count *after* the action.

    Parameters
    ----------
    lowest, highest, target, episode_length, terminate_on_success
        As in :class:`~tellapart.models.counting.rules.CountingRules`.
    reward
        ``"sparse"``, ``"dense"``, ``"mod3"`` or ``"network"``.
    size
        Side of the frames: 64, 32 or 16 pixels.
    control
        ``"glyphs"``: one of nine patterns instead of a count of objects. ``"distractor"``: the
        background is black and grey by turns, whatever the actions. None: objects on black.
    seed
        Of the order of the glyphs and of the random network; episodes follow ``reset(seed=...)``.
    render_mode
        ``"rgb_array"``: :meth:`render` returns the last frame.

    Raises
    ------
    InvalidArgumentError
        For arguments, actions or reset options outside of their ranges, for a step before the
        first reset, and for one after the target has ended the episode.

    Notes
    -----
    Observations are uint8 ``[size, size, 3]``; actions are 0 (-1) and 1 (+1). ``info`` holds the
    count, the shape's name and the colour. ``reset(options={"count": 3})`` chooses the start, which
    is uniform otherwise. Environment of arXiv 2509.12249; objects never overlap or touch here.

    Examples
    --------
    >>> env = CountingEnv()
    >>> frame, info = env.reset(seed=0, options={"count": 3})
    >>> frame, reward, terminated, truncated, info = env.step(1)
    >>> frame.shape, reward, terminated, info["count"]
    ((64, 64, 3), 1.0, True, 4)
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012

    def __init__(
        self,
        *,
        lowest: int = 0,
        highest: int = 8,
        target: int = 4,
        reward: str = "sparse",
        episode_length: int | None = 4,
        terminate_on_success: bool = True,
        size: int = 64,
        control: str | None = None,
        seed: int = 0,
        render_mode: str | None = None,
    ) -> None:
        as_choice("reward", reward, LABELINGS)
        self.rules = CountingRules(
            lowest, highest, target, reward, episode_length, terminate_on_success, seed
        )
        self.size = as_size(size)
        self.control = as_choice("control", control, CONTROLS)
        self.render_mode = as_choice("render_mode", render_mode, (None, "rgb_array"))
        self.action_space = gymnasium.spaces.Discrete(2)
        self.observation_space = gymnasium.spaces.Box(0, 255, (self.size, self.size, 3), np.uint8)
        self._glyphs = counting_glyphs(seed) if control == "glyphs" else None
        labels = self.rules.label_of(self.rules.counts)
        self._rewards = {c: float(p) for c, p in zip(self.rules.counts, labels, strict=True)}  # type: ignore[arg-type]
        self._frame: Frame | None = None
        self._over = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Frame, dict[str, Any]]:
        """Start an episode: draw the count, shape and colour; ``options={"count": k}``."""
        super().reset(seed=seed)
        wanted = _start(options, self.rules)
        start = self.np_random.integers(self.rules.lowest, self.rules.highest + 1)
        self._count = int(start) if wanted is None else wanted
        self._shape = int(self.np_random.integers(len(SHAPES)))
        self._colour = self.np_random.integers(COLOURS[0], COLOURS[1] + 1, size=3)
        self._bit = int(self.np_random.integers(2)) if self.control == "distractor" else 0
        self._steps, self._over = 0, False
        return self._look()

    def step(self, action: Any) -> tuple[Frame, float, bool, bool, dict[str, Any]]:
        """Take (0) or add (1) one object; see the class for when an episode ends."""
        if self._frame is None or self._over:
            state = "has not begun" if self._frame is None else "has ended"
            raise InvalidArgumentError(f"The episode {state}; call reset() before step().")
        move = as_integers("action", np.atleast_1d(action), 0, 1, 1)
        self._count = int(self.rules.step(np.array([self._count]), move)[0])
        if self.control == "distractor":
            self._bit = 1 - self._bit
        self._steps += 1
        done = self.rules.terminate_on_success and self._count == self.rules.target
        cut = self.rules.episode_length is not None and self._steps >= self.rules.episode_length
        self._over = done  # what is only cut off may go on: enumeration ignores time limits
        frame, info = self._look()
        return frame, self._rewards[self._count], done, cut, info

    def render(self) -> Frame | None:
        """Return a copy of the last frame with ``render_mode="rgb_array"``, else None."""
        if self.render_mode is None or self._frame is None:
            return None
        return self._frame.copy()

    def _look(self) -> tuple[Frame, dict[str, Any]]:
        scenes = draw_scenes(
            [self._count], self.np_random, shapes=[self._shape], colours=self._colour[None],
            bits=[self._bit], glyphs=self._glyphs,
        )  # fmt: skip
        self._frame = render(scenes, self.size)[0]
        info = {
            "count": self._count,
            "shape": SHAPES[self._shape],
            "colour": tuple(self._colour.tolist()),
        }
        if self.control == "distractor":
            info["distractor"] = self._bit
        return self._frame.copy(), info


def _start(options: Any, rules: CountingRules) -> int | None:
    """Return the count to start from that the options of a reset name, if they do."""
    if options is None:
        return None
    if not isinstance(options, dict) or set(options) - {"count"}:
        raise InvalidArgumentError(f"options is {options!r}; the one option is {{'count': k}}.")
    if options.get("count") is None:
        return None
    return as_integer("options['count']", options["count"], rules.lowest, rules.highest)


def _register() -> None:
    # Gymnasium warns of names that are registered twice, as a reloaded module would do.
    if ENVIRONMENT_ID not in gymnasium.registry:
        gymnasium.register(ENVIRONMENT_ID, entry_point=f"{__name__}:CountingEnv")


_register()
