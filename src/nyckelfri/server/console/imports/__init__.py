"""Files into the register: upload, look at what will change, decide."""
