"""Settings shared by all tests."""

from hypothesis import settings

# accuracy is asserted here, never time: a busy machine must not fail a test
settings.register_profile("g2sym", deadline=None)
settings.load_profile("g2sym")
