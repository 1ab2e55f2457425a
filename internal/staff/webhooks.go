package staff

import (
	"strconv"

	"otklik/internal/webhook"
)

func webhookURL(id webhook.ID) string { return "/desk/webhooks/" + strconv.FormatInt(int64(id), 10) }
