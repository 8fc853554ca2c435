// Stands in for modelc: does what the request's contract says and nothing of the work. Each item's metadata Fake
// says how it ends; the log beside the project says what was started.
using ModelCompiler.Build.FakeTool;
using ModelCompiler.Requests;

if (args is not ["build", var requestFile])
{
    Console.Error.WriteLine("usage: fake-modelc build <request.json>");
    return 2;
}

var request = BuildRequestFormat.Read(File.ReadAllText(requestFile));
string log = Path.Combine(Path.GetDirectoryName(request.ProjectFile)!, "tool.log");
File.AppendAllText(log, (request.IsDesignTime ? "describe " : "") + string.Join(",", request.Items.Select(item => item.Name)) + "\n");
return request.Items.Select(item => FakeCompilation.Run(item, request.IsDesignTime)).Aggregate(0, Math.Max);
