using System.Diagnostics;
using System.Security.Cryptography;
using ModelCompiler.Manifests;
using ModelCompiler.Requests;

namespace ModelCompiler.Build.FakeTool;

/// <summary>"Compiles" one item: copies the model and publishes a manifest and a stamp.</summary>
internal static class FakeCompilation
{
    public static int Run(BuildRequestItem item, bool isDesignTime)
    {
        if (isDesignTime)
        {
            Describe(item);
            return 0;
        }

        Console.Error.WriteLine($"{item.Name}: compiling");
        switch (item.Metadata.GetValueOrDefault("Fake", "succeed"))
        {
            case "fail":
                Console.WriteLine($"{item.Origin}: error OM2003: the settings of {item.Name} are wrong");
                return 1;
            case "crash":
                Environment.Exit(139);
                return 139;
            case "bug":
                Console.WriteLine($"{item.Origin}: error OM9001: a bug in {item.Name}");
                return 70;
            case "forget":
                return 0;
            case "hang":
                Hang(item);
                return 0;
            case "warn":
                Console.WriteLine($"{item.Origin}: warning OM4002: {item.Name} is slow");
                Publish(item, ("OM4002", $"{item.Name} is slow"));
                return 0;
            default:
                Publish(item);
                return 0;
        }
    }

    /// <summary>Waits with a child of its own, whose id it leaves behind: both must be gone after a cancellation.</summary>
    private static void Hang(BuildRequestItem item)
    {
        using var child = Process.Start("sleep", "600");
        string ids = Path.Combine(Path.GetDirectoryName(item.Model)!, "hanging.pids");
        File.WriteAllText(ids + ".new", $"{Environment.ProcessId} {child.Id}");
        File.Move(ids + ".new", ids);
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>A model whose text begins so has no signature.</summary>
    private static void Describe(BuildRequestItem item)
    {
        byte[] model = File.ReadAllBytes(item.Model);
        bool isBroken = File.ReadAllText(item.Model).StartsWith("broken", StringComparison.Ordinal);
        Directory.CreateDirectory(item.OutputDirectory);
        Write(item, SignatureFiles.Manifest(item.Name), isBroken ? [] : System.Text.Encoding.ASCII.GetBytes(ManifestWriter.Write(Manifest(item, model))));
        var stamp = new OutputStamp(item.Stamp, [SignatureFiles.Manifest(item.Name)], []);
        Write(item, SignatureFiles.Stamp(item.Name), System.Text.Encoding.UTF8.GetBytes(stamp.Write()));
    }

    private static void Publish(BuildRequestItem item, params (string Code, string Text)[] warnings)
    {
        Directory.CreateDirectory(item.OutputDirectory);
        byte[] model = File.ReadAllBytes(item.Model);
        string external = item.Model + ".data";
        string plan = Path.ChangeExtension(item.Model, ".plan.json");
        string[] inputs = [.. File.Exists(external) ? [external] : Array.Empty<string>(), plan];
        Write(item, item.Name + ".onnx", model);
        // What the provider compiled of it, in the place of one.
        string artefacts = item.Model + ".compiled";
        if (File.Exists(artefacts)) Write(item, item.Name + ".onnx.compiled", File.ReadAllBytes(artefacts));
        Write(item, item.Name + ".model.json", System.Text.Encoding.ASCII.GetBytes(ManifestWriter.Write(Manifest(item, model))));
        var stamp = new OutputStamp(item.Stamp, [item.Name + ".model.json", item.Name + ".onnx"], [.. inputs.Select(OutputStamp.InputEntry)]) { Warnings = warnings };
        Write(item, OutputStamp.FileName(item.Name), System.Text.Encoding.UTF8.GetBytes(stamp.Write()));
        Console.WriteLine($"{item.Name}: done");
    }

    private static void Write(BuildRequestItem item, string name, byte[] content)
    {
        string path = Path.Combine(item.OutputDirectory, name);
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static ModelManifest Manifest(BuildRequestItem item, byte[] model)
    {
        var file = new ManifestFile(item.Name + ".onnx", model.Length, Convert.ToHexStringLower(SHA256.HashData(model)));
        var value = new ManifestValue
        {
            Name = "x",
            ElementType = ManifestElementType.Float32,
            Shape = new([ManifestDimension.Fixed(4)]),
        };
        return new ModelManifest
        {
            Name = item.Name,
            Namespace = "Fake",
            Model = file,
            Source = file,
            ToolVersion = "0.1.0",
            MinimumRuntimeVersion = "0.1.0",
            MinimumOrtApiVersion = 20,
            Precision = item.Metadata.GetValueOrDefault("Precision", "Float32"),
            ExecutionProviders = new(["Cpu"]),
            Opset = 21,
            Inputs = new([value]),
            Outputs = new([value with { Name = "y" }]),
        };
    }
}
