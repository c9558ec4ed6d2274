project "models" {
  root    = "models"
  package = "models"
  include = ["models/**/*.py", "pyproject.toml"]
  exclude = ["**/notebooks"]
}

project "site" {
  root    = "site"
  exclude = ["cache"]
}

flow "command" "train" {
  project = project.models
  argv    = ["python3", "-m", "models.train"]
}

flow "command" "publish" {
  project = project.site
  argv    = ["sh", "publish.sh"]
  after   = [flow.train]
}
