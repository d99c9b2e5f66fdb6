"""What can be asked of an observable, each question written once for all of them."""
