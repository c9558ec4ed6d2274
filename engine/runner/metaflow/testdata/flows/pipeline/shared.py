GREETING = "hello from the project"
