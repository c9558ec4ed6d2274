//go:build full

package saved

// mutations is how many changed plans are tried.
const mutations = 200_000
