using ImageServer;
using ModelCompiler.Runtime;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDigitPredictor();
builder.Services.Configure<PredictorOptions>(nameof(DigitPredictor), builder.Configuration.GetSection("Digits"));
builder.Services.AddHealthChecks().AddDigitPredictorCheck();
builder.Services.AddSingleton<PrometheusText>();

var app = builder.Build();
// Listening begins now, not with the first reader.
app.Services.GetRequiredService<PrometheusText>();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapHealthChecks("/health");
app.MapGet("/metrics", (PrometheusText metrics) => Results.Text(metrics.ToString(), PrometheusText.ContentType));
app.MapGet("/favicon.ico", () => Results.Redirect("/favicon.svg", permanent: true));
app.MapPost("/predict", PredictEndpoint.Predict);
app.Run();
