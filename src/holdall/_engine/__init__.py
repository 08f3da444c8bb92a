"""The portable logic, written once, over the ports of `holdall.drivers`."""
