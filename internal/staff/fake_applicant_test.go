package staff_test

import (
	"context"

	"otklik/internal/applicant"
)

// fakeApplicants: nobody here told us of anything on the portal.
type fakeApplicants struct{ applicant.Store }

func (h *house) Applicants() applicant.Store { return fakeApplicants{} }

func (fakeApplicants) OfIncident(context.Context, int64) ([]applicant.Applicant, error) {
	return nil, nil
}
