"""What the drawings do with places that are close together, or few."""

from __future__ import annotations

from itertools import combinations

from matplotlib.figure import Figure

from pipeline.explore.plots.labels import place_labels
from pipeline.explore.plots.marks import MIXED, SHADES, bounds_of_shades, engine_of, shade_of


def test_labels_of_neighbours_keep_clear_of_each_other() -> None:
    figure = Figure(figsize=(8, 5))
    axes = figure.subplots()
    places = [(1.0, 1.0), (1.01, 1.01), (1.02, 1.0), (5.0, 5.0), (1.0, 1.02)]
    axes.plot(*zip(*places, strict=True), "o")
    place_labels(axes, {place: str(number) for number, place in enumerate(places, start=10)}, places)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == 5
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_shades_go_from_the_least_accurate_to_the_most() -> None:
    accuracies = [0.9, 0.92, 0.95, 0.97, 0.98, 0.981]
    bounds = bounds_of_shades(accuracies)
    assert len(bounds) == len(SHADES) + 1
    places = [SHADES.index(shade_of(accuracy, bounds)) for accuracy in accuracies]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, len(SHADES) - 1)


def test_one_accuracy_has_one_shade() -> None:
    assert shade_of(0.9, bounds_of_shades([0.9, 0.9])) == SHADES[-1]


def test_layers_of_both_engines_have_a_mark_of_their_own() -> None:
    assert (engine_of(["event", "event"]), engine_of(["event", "unrolled"])) == ("event", MIXED)
