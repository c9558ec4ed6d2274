environment "pip" "tools" {
  packages = { six = "" }
}

project "here" {}

hook "command" "rows" {
  argv        = ["python", "-c", "import os; print(sum(1 for line in open(os.environ['TABLE'])))"]
  env         = { TABLE = "data.csv" }
  environment = environment.tools
  project     = project.here
  pure        = true
  timeout     = 10
}

hook "command" "host" {
  argv    = ["hostname | tr a-z A-Z"]
  shell   = true
  stdout  = "text"
  ambient = true
}

hook "command" "token" {
  for_each  = toset(["dev", "prod"])
  argv      = ["echo", "a made-up token for ${each.key}"]
  stdout    = "text"
  sensitive = true
}

flow "command" "clean" {
  argv       = ["echo", hook.host]
  parameters = { rows = hook.rows }
  secrets    = { TOKEN = hook.token["dev"] }
}
