environment "pip" "ml" {
  packages = { six = "" }
}

project "here" {}

profile "patient" {
  timeout = "2h"
}

pool "licence" {
  size        = 2
  description = "of the solver"
}

flow "command" "clean" {
  description = "throws away what is no measurement"
  argv        = ["grep -v '^#' raw.csv > clean.csv; wc -l < clean.csv"]
  shell       = true
  workdir     = "data"
  project     = project.here

  output "table" {
    description = "the rows that are left"
    file        = "data/clean.csv"
    publish     = "results/clean.csv"
  }

  output "rows" {
    stdout = "json"
  }

  bundle {
    include = ["data/*.csv"]
    exclude = ["data/old.csv"]
    link    = ["data/raw.csv"]
  }
}

flow "command" "solve" {
  inherits      = [profile.patient]
  for_each      = { fast = 1, good = 100 }
  environment   = environment.ml
  argv          = ["python", "-c", "import six", flow.clean.output.table.path]
  parameters    = { steps = each.value, rows = flow.clean.output.rows.value }
  env           = { LEVEL = "info" }
  pass_env      = ["SOLVER_*"]
  secrets       = { KEY = { file = "a made-up key" } }
  tags          = ["nightly"]
  data_version  = "run"
  salt          = "second try"
  expires_after = "7d"
  volatile      = false
  timeout       = "30m"
  pools         = { licence = 1 }
  run_id_file   = "results/${each.key}.run"

  retry {
    attempts = 3
    delay    = "10s"
    on       = [75, "licence server", "timeout"]
  }

  resources {
    cpu    = 1
    memory = "500MB"
    gpu    = 0
  }

  stop {
    interrupt = "1m"
    terminate = "5s"
  }
}

flow "command" "report" {
  argv       = ["echo", jsonencode({ for key, flow in flow.solve : key => flow.run_id })]
  depends_on = [flow.solve["good"]]
  after      = [flow.clean]
}

flow "command" "letter" {
  argv = ["echo", "Dear reader"]

  pin {
    run_id = null # such as "01JARZ3NDEKTSV4RRFFQ69G5FA", to stay with that run
    reason = "the letter was sent"
  }
}
