using ModelCompiler.Generator.Signatures;
using static ModelCompiler.Generator.Emission.ValueForms;

namespace ModelCompiler.Generator.Emission;

/// <summary>Writes the methods that add a predictor to the services of a program, with what the program references of its host's libraries.</summary>
internal static class ServicesEmitter
{
    private const string Extensions = "global::Microsoft.Extensions.";
    private const string Injection = Extensions + "DependencyInjection.";
    private const string Services = Injection + "IServiceCollection";
    private const string Health = Extensions + "Diagnostics.HealthChecks.";
    private const string Settings = Runtime + "PredictorOptions";

    public static void Emit(SourceWriter source, PredictorModel model, HostLibraries libraries, string accessibility, string attribute)
    {
        source.Line().Summary("Adds <see cref=\"" + model.ClassName + "\"/> to the services of a program.");
        source.Line(attribute);
        source.Open(accessibility + " static partial class " + model.ServicesName);
        EmitAdd(source, model, libraries);
        if (libraries.Options)
        {
            EmitConfigure(source, model);
        }

        if (libraries.HealthChecks)
        {
            EmitAddCheck(source, model);
        }

        EmitSettings(source, model, libraries);
        if (libraries.HealthChecks)
        {
            EmitCheck(source, model);
        }

        source.Close();
    }

    private static void EmitAdd(SourceWriter source, PredictorModel model, HostLibraries libraries)
    {
        source.Summary("Adds one <see cref=\"" + model.ClassName + "\"/> for the whole program. It is opened when it is first asked for, and disposed with the services.");
        source.Line("/// <param name=\"services\">The services.</param>");
        source.Line("/// <param name=\"options\">How to run; null for " + (libraries.Options
            ? "the options of the name <c>" + PlainName(model) + "</c>, which come from code or from the configuration"
            : "the choices of the build") + ".</param>");
        source.Line("/// <returns>The same services.</returns>");
        source.Line("public static " + Services + " Add" + PlainName(model) + "(this " + Services + " services, " + Settings + "? options = null) =>");
        source.Line("    " + Injection + "ServiceCollectionServiceExtensions.AddSingleton(services, provider => new " + model.ClassName + "(Settings(provider, options)));");
        source.Line();
    }

    private static void EmitConfigure(SourceWriter source, PredictorModel model)
    {
        source.Summary("Adds one <see cref=\"" + model.ClassName + "\"/> for the whole program. It is opened when it is first asked for, and disposed with the services.");
        source.Line("/// <param name=\"services\">The services.</param>");
        source.Line("/// <param name=\"configure\">Sets the options of the name <c>" + PlainName(model) + "</c>.</param>");
        source.Line("/// <returns>The same services.</returns>");
        source.Line("public static " + Services + " Add" + PlainName(model) + "(this " + Services + " services, global::System.Action<" + Settings + "> configure) =>");
        source.Line("    Add" + PlainName(model) + "(" + Injection + "OptionsServiceCollectionExtensions.Configure(services, \"" + PlainName(model) + "\", configure));");
        source.Line();
    }

    private static void EmitAddCheck(SourceWriter source, PredictorModel model)
    {
        string builder = Injection + "IHealthChecksBuilder";
        source.Summary("Adds a check of the health of <see cref=\"" + model.ClassName + "\"/>: it opens, and its execution provider has not failed.");
        source.Line("/// <param name=\"builder\">The checks.</param>");
        source.Line("/// <param name=\"name\">The name of the check.</param>");
        source.Line("/// <returns>The same checks.</returns>");
        source.Line("public static " + builder + " Add" + PlainName(model) + "Check(this " + builder + " builder, string name = \"" + PlainName(model) + "\") =>");
        source.Line("    builder.Add(new " + Health + "HealthCheckRegistration(name, provider => new Check(provider), null, null));");
        source.Line();
    }

    private static void EmitSettings(SourceWriter source, PredictorModel model, HostLibraries libraries)
    {
        source.Open("private static " + Settings + " Settings(global::System.IServiceProvider provider, " + Settings + "? options)");
        if (libraries.Options)
        {
            source.Line("options ??= " + Get(Extensions + "Options.IOptionsMonitor<" + Settings + ">") + "?.Get(\"" + PlainName(model) + "\");");
        }

        source.Line("options ??= new " + Settings + "();");
        if (libraries.Logging)
        {
            source.Open("if (options.Log is null && " + Get(Extensions + "Logging.ILoggerFactory") + " is { } factory)");
            source.Line("var logger = " + Extensions + "Logging.LoggerFactoryExtensions.CreateLogger<" + model.ClassName + ">(factory);");
            source.Open("options = options with");
            source.Line("// Its levels begin one below those of ONNX Runtime.");
            source.Line("Log = message => " + Extensions + "Logging.LoggerExtensions.Log(");
            source.Line("    logger, (" + Extensions + "Logging.LogLevel)((int)message.Severity + 1), \"{Message}\", message.Text),");
            source.Close("};").Close();
        }

        source.Line("return options;").Close();
    }

    private static void EmitCheck(SourceWriter source, PredictorModel model)
    {
        string result = Health + "HealthCheckResult";
        source.Line().Open("private sealed class Check(global::System.IServiceProvider provider) : " + Health + "IHealthCheck");
        source.Open("public global::System.Threading.Tasks.Task<" + result + "> CheckHealthAsync(" + Health + "HealthCheckContext context, global::System.Threading.CancellationToken cancellationToken = default)");
        source.Line("var predictor = " + Injection + "ServiceProviderServiceExtensions.GetRequiredService<" + model.ClassName + ">(provider);");
        source.Line("return global::System.Threading.Tasks.Task.FromResult(predictor.Fault is { } fault");
        source.Line("    ? new " + result + "(context.Registration.FailureStatus, fault.Provider + \": \" + fault.Reason)");
        source.Line("    : " + result + ".Healthy(predictor.Placement.ToString()));");
        source.Close().Close();
    }

    private static string Get(string service) => Injection + "ServiceProviderServiceExtensions.GetService<" + service + ">(provider)";

    private static string PlainName(PredictorModel model) => model.ClassName.TrimStart('@');
}
