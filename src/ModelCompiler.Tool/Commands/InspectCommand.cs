using System.CommandLine;
using System.Globalization;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc inspect</c>: signature, operators, size and work of a model.</summary>
internal static class InspectCommand
{
    public static Command Create(Streams streams)
    {
        Argument<string> model = ModelArguments.Model();
        Option<bool> json = ModelArguments.Json();
        Option<string[]> dimensions = ModelArguments.Dimensions();
        var command = new Command("inspect", "Shows a model's signature, operators, parameters, size and multiply-accumulate operations.") { model, dimensions, json };
        command.SetAction(result =>
        {
            ModelSummary summary = ModelSummary.Read(result.GetRequiredValue(model), ModelArguments.ParseDimensions(result.GetValue(dimensions)));
            if (result.GetValue(json)) streams.Output.Write(JsonText.Of(summary));
            else Write(summary, streams.Output);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(ModelSummary summary, TextWriter output)
    {
        string domains = string.Concat(summary.Domains.Select(domain => string.Create(CultureInfo.InvariantCulture, $", {domain.Key} {domain.Value}")));
        output.WriteLine(summary.Path);
        new TextTable()
            .Add("opset", string.Create(CultureInfo.InvariantCulture, $"{summary.Opset}{domains}"))
            .Add("IR version", summary.IrVersion.ToString(CultureInfo.InvariantCulture))
            .Add("producer", summary.Producer.Length > 0 ? summary.Producer : "unknown")
            .Add("size", Figures.Bytes(summary.Bytes))
            .Add("parameters", Figures.Count(summary.Parameters))
            .Add("MACs", summary.Macs is { } macs ? Figures.Count(macs) : "unknown: depends on open dimensions (see --dim)")
            .WriteTo(output, "  ");
        WriteSignature(output, "inputs", summary.Inputs);
        WriteSignature(output, "outputs", summary.Outputs);
        output.WriteLine("operators");
        var table = new TextTable(rightAligned: 0);
        foreach ((string name, int count) in summary.Operators) table.Add(count.ToString(CultureInfo.InvariantCulture), name);
        if (summary.Operators.Count > 0) table.WriteTo(output, "  ");
    }

    private static void WriteSignature(TextWriter output, string title, IReadOnlyList<SignatureEntry> entries)
    {
        output.WriteLine(title);
        if (entries.Count == 0) return;
        var table = new TextTable();
        foreach (SignatureEntry entry in entries)
        {
            string shape = entry.Shape is null ? "[...]" : $"[{string.Join(", ", entry.Shape.Select(dim => dim ?? "?"))}]";
            table.Add(entry.Name, entry.Type + shape);
        }
        table.WriteTo(output, "  ");
    }
}
