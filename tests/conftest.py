"""What every test shares."""

from __future__ import annotations

import os

from hypothesis import settings

# Examples take as long as the machine lets them; the same ones are drawn every time, so that a red run can be repeated.
settings.register_profile("isospike", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("isospike")

# A tool that the person who runs the tests has chosen is no part of what is tested.
for _variable in [name for name in os.environ if name.startswith("ISOSPIKE_")]:
    del os.environ[_variable]
