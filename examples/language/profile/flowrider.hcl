profile "small" {
  timeout = "1h"
  env     = { OMP_NUM_THREADS = 1, LEVEL = "info" }

  retry { attempts = 3 }
}

profile "loud" {
  inherits = [profile.small]
  env      = { LEVEL = "debug" }
}

flow "command" "train" {
  inherits = [profile.loud]
  argv     = ["env"]
  env      = { SEED = 7 } # beside OMP_NUM_THREADS = 1 and LEVEL = "debug"
}
