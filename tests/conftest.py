"""Settings shared by all tests."""

import pytest
from hypothesis import settings

# accuracy is asserted here, never time: a busy machine must not fail a test
COUNTS = {"ordinary": 30, "thorough": 300}


def pytest_configure(config):
    """The same examples in every run; ``--hypothesis-seed=N`` draws others."""
    repeated = config.getoption("hypothesis_seed", None) is None
    for name, count in COUNTS.items():
        settings.register_profile(name, deadline=None, max_examples=count, derandomize=repeated)
    settings.load_profile("thorough" if config.option.markexpr == "long" else "ordinary")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Property tests belong to both runs: ``-m long`` repeats them with ten times the examples."""
    if config.option.markexpr == "long":
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker(pytest.mark.long)
