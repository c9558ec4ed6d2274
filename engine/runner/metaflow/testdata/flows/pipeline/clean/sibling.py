NAME = "hello from beside the flow"
