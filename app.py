"""The map: what wakes us, and which function answers."""

from chalicelib.entrypoints import middleware
from chalicelib.entrypoints.application import PremiumPay
from chalicelib.entrypoints.files import import_feed
from chalicelib.entrypoints.mail_events import mail_event
from chalicelib.entrypoints.pages import ROUTES
from chalicelib.entrypoints.queues import import_rows, send_mail, work_shard
from chalicelib.entrypoints.schedules import bill, notify, sweep, watch, withdraw

app = PremiumPay(app_name="premium-pay")
middleware.register(app)
for routes in ROUTES:
    app.register_blueprint(routes)

FEED_ARRIVED = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"object": {"key": [{"prefix": "inbound/enrollments/"}]}},
}
MAIL_CAME_BACK = {
    "source": ["aws.ses"],
    "detail-type": ["Email Bounced", "Email Complaint Received", "Email Rejected"],
}

# One line a trigger; variable, function and name are one word (a handler is found by its name).
import_feed = app.on_cw_event(FEED_ARRIVED, name="import_feed")(import_feed)
mail_event = app.on_cw_event(MAIL_CAME_BACK, name="mail_event")(mail_event)
import_rows = app.on_sqs_message("${FeedQueue.QueueName}", 1, "import_rows")(import_rows)
send_mail = app.on_sqs_message("${MailQueue.QueueName}", 10, "send_mail")(send_mail)
work_shard = app.on_sqs_message("${WorkQueue.QueueName}", 1, "work_shard")(work_shard)
bill = app.lambda_function(name="bill")(bill)
notify = app.lambda_function(name="notify")(notify)
withdraw = app.lambda_function(name="withdraw")(withdraw)
watch = app.lambda_function(name="watch")(watch)
sweep = app.lambda_function(name="sweep")(sweep)
