"""Which breast tumours are malignant: the code that the flows share."""
