"""What a user holds: a declared model and its observables."""
