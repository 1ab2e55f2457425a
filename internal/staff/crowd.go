package staff

import (
	"fmt"

	"otklik/internal/feedback"
	"otklik/internal/site"
)

// crowdWords explains in one sentence when words prove a mass incident solved, and says how
// far that is.
func crowdWords(c *feedback.Crowd) string {
	said := fmt.Sprintf("Инцидент массовый: слова одного жителя не говорят за всех, по словам он проверен, когда «решено» подтвердит %s из %s и никто не возразит; ",
		site.Count(c.Needed, "автор", "автора", "авторов"), site.Number(c.Asked))
	said += "подтвердили " + site.Number(c.Confirmed)
	if c.Against > 0 {
		said += ", возражают " + site.Number(c.Against)
	}
	return said + "."
}
