package main

import (
	"encoding/xml"
	"strings"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/process"
)

// The elements of JUnit's XML, as far as GitHub's and GitLab's readers use it.
type (
	testSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		testCounts
		Suites []testSuite `xml:"testsuite"`
	}
	testSuite struct {
		Name string `xml:"name,attr"`
		testCounts
		Timestamp string     `xml:"timestamp,attr"`
		Cases     []testCase `xml:"testcase"`
	}
	testCounts struct {
		Tests    int     `xml:"tests,attr"`
		Failures int     `xml:"failures,attr"`
		Errors   int     `xml:"errors,attr"`
		Skipped  int     `xml:"skipped,attr"`
		Time     float64 `xml:"time,attr"`
	}
	testCase struct {
		Name    string    `xml:"name,attr"`
		Class   string    `xml:"classname,attr"`
		Time    float64   `xml:"time,attr"`
		Failure *testNote `xml:"failure"`
		Error   *testNote `xml:"error"`
		Skipped *testNote `xml:"skipped"`
	}
	testNote struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// junit is the report as JUnit XML: a test case for each flow, and for each
// hook and environment that has failed. What XML cannot hold is replaced.
func (r *report) junit() []byte {
	suite := testSuite{Name: r.workspace, Timestamp: r.begun.UTC().Format("2006-01-02T15:04:05")}
	for _, other := range r.others {
		suite.add(testCase{Name: other.Address, Class: other.Type, Failure: failureNote(other)})
	}
	for _, flow := range r.ended() {
		suite.add(flow.testCase())
	}
	if r.summary != nil {
		suite.Time = r.summary.Duration
	} else {
		suite.add(testCase{Name: "apply", Class: "flowrider", Error: &testNote{Message: firstLine(r.problem()), Type: "error", Text: r.problem()}})
	}
	text, err := xml.MarshalIndent(testSuites{Name: "flowrider apply", testCounts: suite.testCounts, Suites: []testSuite{suite}}, "", "  ")
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return []byte(xml.Header + string(text) + "\n")
}

func (s *testSuite) add(c testCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// testCase is a flow as a test case. One that is blocked by itself has failed:
// nothing else says so.
func (f *reported) testCase() testCase {
	c := testCase{Name: f.Address, Class: "flow", Time: f.Duration}
	switch {
	case f.State == apply.Failed, f.State == apply.Stale, f.State == apply.Blocked && f.Cause == "":
		c.Failure = failureNote(f.Event)
	case f.State == apply.Blocked, f.State == apply.Cancelled:
		c.Skipped = &testNote{Message: string(f.State) + ": " + firstLine(process.Clean(f.Reason))}
	}
	return c
}

func failureNote(event apply.Event) *testNote {
	text := strings.TrimRight(event.Reason, "\n")
	if tail := strings.TrimRight(event.Tail, "\n"); tail != "" {
		text += "\n\nThe end of its log:\n" + tail
	}
	return &testNote{Message: firstLine(process.Clean(event.Reason)), Type: string(event.State), Text: process.Clean(text)}
}
