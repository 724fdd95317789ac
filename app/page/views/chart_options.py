"""How the loss chart looks, as options for uPlot, in the colours of the theme."""

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsOptions, JsProxy
from app.page.views.chart_levels import PADDING_PIXELS

LINEAR_AXIS, LOGARITHMIC_AXIS = 1, 3  # as uPlot counts the distributions of an axis


def chart_options(
    size: tuple[int, int],
    losses: tuple[float, float],
    logarithmic: tuple[bool, bool],
    is_task: bool,
    num_baselines: int,
    sync: str,
) -> JsProxy:
    """The options of a loss chart.

    Args:
        size: width and height in pixels.
        losses: the lowest and the highest that is shown.
        logarithmic: whether the axes of steps and losses are.
        is_task: whether there is a scale for the share that was right.
        num_baselines: how many lines there are beside that of guessing.
        sync: the name that all charts have whose cursors go together.
    """
    left, right, padding = sides(is_task)
    # So far below the picture that the 0% of a task does not touch the last step.
    x_axis = dict(axis(), grid={"show": False}, space=70, size=32, gap=9)
    y_axis = dict(axis(), space=36, size=left)
    series: list[JsOptions] = [{}, line("raw", 1)]
    series.append(line("accent", 2))
    series.append(dotted("held", 1.5, 6, "held"))
    series.append(line("ink-soft", 1, dash=[4, 4]))
    series += [line("ink-soft", 1, dash=[1, 3]) for _ in range(num_baselines)]
    series.append(line("ink", 1, dash=[6, 3], scale="percent"))
    series.append(dotted("ink", 1.5, 7, "paper", scale="percent"))
    # No Python functions in here: MicroPython's collector takes those that are passed inside a
    # dictionary, while uPlot still calls them.
    axes = [x_axis, y_axis]
    if is_task:
        shown = {"scale": "percent", "side": 1, "incrs": [25], "values": window.microgpt.percents}
        axes.append(dict(y_axis, stroke=colour("ink"), grid={"show": False}, size=right, **shown))
    distributions = [distribution(is_log) for is_log in logarithmic]
    return to_js(
        {
            "width": size[0],
            "height": size[1],
            "legend": {"show": False},
            "cursor": {
                "y": False,
                "points": {"size": 7},
                "drag": {"x": False, "y": False},
                "dataIdx": window.microgpt.nearestPoint,
                "sync": {"key": sync},
            },
            "scales": {
                "x": {"time": False, "range": window.microgpt.asSet, "distr": distributions[0]},
                "y": {"range": list(losses), "distr": distributions[1]},
                "percent": {"range": [0, 100]},
            },
            "axes": axes,
            "series": series,
            "hooks": {
                "drawSeries": [window.microgpt.drawPast, window.microgpt.drawBand],
                "draw": [window.microgpt.namePast],
            },
            "padding": [PADDING_PIXELS, padding, 0, 0],
        }
    )


def colour(name: str) -> str:
    """A colour of the theme."""
    style = window.getComputedStyle(window.document.documentElement)
    return str(style.getPropertyValue(f"--{name}").strip())


def line(name: str, width: float, **more: object) -> JsOptions:
    """A curve in this colour; its points are wherever the grid has any."""
    stroke = colour(name)
    options = {"stroke": stroke, "width": width, "points": {"show": False}, "spanGaps": True}
    options.update(more)
    return options


def dotted(name: str, width: float, size: float, fill: str, **more: object) -> JsOptions:
    """A curve with dots."""
    points = {"show": True, "size": size, "fill": colour(fill), "stroke": colour(name)}
    return line(name, width, points=dict(points, width=width), **more)


def sides(is_task: bool) -> tuple[int, int, int]:
    """How wide the axes to the left and to the right are, and what is left free beside these."""
    return (44, 52, 0) if is_task else (44, 0, 26)


def distribution(logarithmic: bool) -> int:
    """How steps or losses lie on an axis, as uPlot counts."""
    return LOGARITHMIC_AXIS if logarithmic else LINEAR_AXIS


def axis() -> JsOptions:
    """What all axes have in common."""
    return {
        "stroke": colour("ink-soft"),
        "font": "12px 'IBM Plex Mono'",
        "grid": {"stroke": colour("line"), "width": 1},
        "ticks": {"show": False},
    }
