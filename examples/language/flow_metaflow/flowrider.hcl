environment "pip" "ml" {
  packages = { metaflow = ">=2.19" }
}

project "here" {}

profile "patient" {
  timeout = "2h"
}

pool "database" {
  size = 2
}

flow "metaflow" "clean" {
  description   = "throws away what is no measurement"
  file          = "clean.py"
  project       = project.here
  environment   = environment.ml
  parameters    = { rows = 100 }
  options       = { with = ["retry:times=2"] }
  run_options   = { max-workers = 4 }
  configs       = { settings = "settings.json" }
  config_values = { limits = { low = 0, high = 10 } }
  tags          = ["nightly"]
  data_version  = "content"
  run_id_file   = "clean.run"

  output "table" {
    artifact    = "table"
    description = "the rows that are left"
  }
}

flow "metaflow" "train" {
  inherits      = [profile.patient]
  for_each      = { forest = 100, tree = 1 }
  file          = "train.py"
  environment   = environment.ml
  parameters    = { trees = each.value, clean_run = flow.clean.output.table.run_id }
  env           = { OMP_NUM_THREADS = 1 }
  pass_env      = ["AWS_*"]
  secrets       = { TOKEN = env("TOKEN", null) }
  salt          = "second try"
  expires_after = "30d"
  volatile      = false
  timeout       = "1h"
  pools         = { database = 1 }
  resume        = false
}

flow "metaflow" "report" {
  file        = "report.py"
  environment = environment.ml
  depends_on  = [flow.train]
  after       = [flow.clean]
}
