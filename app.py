"""The map: what wakes us, and which function answers."""

from chalicelib.entrypoints import deployment, files, mail_events, middleware, queues, schedules
from chalicelib.entrypoints.application import PremiumPay
from chalicelib.entrypoints.pages import ROUTES

app = PremiumPay(app_name="premium-pay")
middleware.register(app)
for routes in ROUTES:
    app.register_blueprint(routes)

# One line a trigger; variable, function and name are one word (a handler is found by its name).

# Files and mail, told by EventBridge.
import_feed = app.on_cw_event(files.FEED_ARRIVED, name="import_feed")(files.import_feed)
read_bank_file = app.on_cw_event(files.BANK_SENT, name="read_bank_file")(files.read_bank_file)
mail_event = app.on_cw_event(mail_events.CAME_BACK, name="mail_event")(mail_events.mail_event)

# Our own queues.
import_rows = app.on_sqs_message("${FeedQueue.QueueName}", 1, "import_rows")(queues.import_rows)
send_mail = app.on_sqs_message("${MailQueue.QueueName}", 10, "send_mail")(queues.send_mail)
work_shard = app.on_sqs_message("${WorkQueue.QueueName}", 1, "work_shard")(queues.work_shard)
follow_up = app.on_sqs_message("${BankQueue.QueueName}", 1, "follow_up")(queues.follow_up)

# Whoever deploys.
make_keys = app.lambda_function(name="make_keys")(deployment.make_keys)

# The calendar (infra/resources.yaml says when).
bill = app.lambda_function(name="bill")(schedules.bill)
notify = app.lambda_function(name="notify")(schedules.notify)
remind = app.lambda_function(name="remind")(schedules.remind)
withdraw = app.lambda_function(name="withdraw")(schedules.withdraw)
watch = app.lambda_function(name="watch")(schedules.watch)
send_same_day = app.lambda_function(name="send_same_day")(schedules.send_same_day)
collect = app.lambda_function(name="collect")(schedules.collect)
settle = app.lambda_function(name="settle")(schedules.settle)
send_again = app.lambda_function(name="send_again")(schedules.send_again)
tell_again = app.lambda_function(name="tell_again")(schedules.tell_again)
sweep = app.lambda_function(name="sweep")(schedules.sweep)
