"""Settings shared by all tests."""

import pytest
from hypothesis import settings

# accuracy is asserted here, never time: a busy machine must not fail a test
settings.register_profile("ordinary", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=300)


def pytest_configure(config):
    settings.load_profile("thorough" if config.option.markexpr == "long" else "ordinary")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Property tests belong to both runs: ``-m long`` repeats them with ten times the examples."""
    if config.option.markexpr == "long":
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker(pytest.mark.long)
