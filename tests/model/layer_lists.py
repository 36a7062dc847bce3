"""Configurations of layer lists, their plans, and the words in which one is refused."""

from typing import Any

import pytest

from model.base.errors import UserError
from model.config import Configuration
from model.config.layers import LayerPlan, plan_layers
from model.config.load import configuration_of

GREY = (28, 28)
Table = dict[str, Any]


def configured(*layers: Table, **sections: Any) -> Configuration:
    return Configuration(name="test", network={"layers": list(layers)}, **sections)  # type: ignore[arg-type]


def planned(*layers: Table, shape: tuple[int, ...] = GREY) -> list[LayerPlan]:
    return plan_layers(configured(*layers), shape)


def loaded(network: Table, *overrides: str) -> Configuration:
    return configuration_of({"name": "test", "data": {"source": "mnist"}, "network": network}, "own.toml", overrides)


def refusal(network: Table, *overrides: str) -> str:
    with pytest.raises(UserError) as error:
        loaded(network, *overrides)
    assert "\n" not in str(error.value)
    return str(error.value)
